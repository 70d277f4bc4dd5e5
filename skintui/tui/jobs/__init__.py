"""Work off the screen: only these files start workers, and they answer with messages."""
