"""Files that survive a crash; written once for both ends."""

from earshot_wire.durable import give_to_owner, remove_partial, write_durable

__all__ = ["give_to_owner", "remove_partial", "write_durable"]
