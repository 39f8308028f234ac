"""What the page does, in plain Python: media, the External API, the offline API.

Nothing here knows Gradio. The page's only door is :mod:`services.assistant`.
"""
