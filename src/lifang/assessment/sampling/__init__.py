"""What a drawn sample says about all places, and what the next official draw is likely to say. Pure."""
