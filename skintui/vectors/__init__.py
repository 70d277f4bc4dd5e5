"""Stored vectors of lesions and the search among them.

The unit vectors on disk (float16) are the truth. A graph over their signs finds candidates quickly, the stored vectors
rank them; the graph can always be rebuilt. Nothing heavy is imported here: take what is needed from the modules.
"""
