"""Pictures: what they show that helps, and what of them everybody may see."""
