"""The documentation, held to what it says: commands, links, options, paths and messages are real, the site builds."""
