"""The home of these tests: a bit of everything, made up."""

from __future__ import annotations

from earshot_wire.vocabulary import Name, Vocabulary


def _named(domain: str, *names: str, area: str = "") -> tuple[Name, ...]:
    return tuple(Name(name=name, domain=domain, area=area) for name in names)


HOME = Vocabulary(
    language="en",
    names=(
        *_named("light", "Kitchen Light", area="Kitchen"),
        *_named("light", "Bedroom Light", area="Bedroom"),
        *_named("light", "Reading Lamp", area="Office"),
        *_named("light", "Reading Lamp", area="Bedroom"),
        *_named("lock", "Front Door", area="Hallway"),
        *_named("cover", "Garage Door"),
        *_named("climate", "Thermostat", area="Hallway"),
        *_named("fan", "Ceiling Fan", area="Office"),
        *_named("media_player", "Radio", area="Kitchen"),
        *_named("switch", "Coffee Machine", area="Kitchen"),
        *_named("sensor", "Outside Temperature"),
        *_named("scene", "Movie Night"),
        *_named("script", "Good Night"),
        *_named("button", "Doorbell"),
        *_named("vacuum", "Rover"),
        *_named("lawn_mower", "Mower"),
        *_named("todo", "Shopping List"),
        *_named("weather", "Forecast"),
    ),
    areas=("Bedroom", "Hallway", "Kitchen", "Office"),
    floors=("Ground",),
    list_items=("bread", "milk", "olive oil"),
)
