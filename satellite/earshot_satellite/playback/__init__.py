"""What the satellite says: replies as they arrive, stored phrases, and sounds of its own."""
