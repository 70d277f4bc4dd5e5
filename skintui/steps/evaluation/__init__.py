"""What ``evaluate`` measures, one noun a file; ``steps.evaluate`` is the verb."""
