"""From a scene to what a blog post needs: small files in every format, captions, text, snippets to paste."""
