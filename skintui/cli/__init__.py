"""The command line: the only room with click, the only writer of stdout. A verb is a file, loaded when called."""
