"""The preview: a local page that shows one scene and follows every change of its code and recordings.

watch.py -> session.py -> warm.py -> tasks.py (in a process of its own, all code imported anew)
                |
            server.py -> page/ (the browser)
"""
