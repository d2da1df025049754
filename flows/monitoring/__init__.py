"""What runs and lakes report about themselves: artifacts, events, health."""
