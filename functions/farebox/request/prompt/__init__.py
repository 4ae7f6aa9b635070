"""What a prompt is made of: messages, their parts, the media in those, and what is known of each."""
