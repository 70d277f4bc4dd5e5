"""The terminal application: the only room with Textual.

Inside it arrows point down: run → app → screens → jobs | widgets → commands | messages | theme | terminal.
"""
