"""What a curator can do, written once: bindings, help, palette and the user's own keys all come from this table."""
