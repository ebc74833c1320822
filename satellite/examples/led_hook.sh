#!/bin/sh
# A hook for one light of the board: [hooks] command = ["/etc/earshot/led_hook.sh", "ACT"]
# It is lit while the microphone is not proved to be closed, and dark only when it is.
light=/sys/class/leds/$1
case $2 in
muted_verified) echo 0 >"$light/brightness" ;;
*) echo 1 >"$light/brightness" ;;
esac
