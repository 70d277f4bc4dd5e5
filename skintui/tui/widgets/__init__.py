"""Widgets that draw lines themselves: nothing here reads files, starts work, or knows a session."""
