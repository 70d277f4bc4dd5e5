"""Stages of ``bench scale``: each measures one part of the product at one size and returns its figures."""
