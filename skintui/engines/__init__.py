"""Engines that spread the units of a step over many processes and machines. The only room that imports Ray."""
