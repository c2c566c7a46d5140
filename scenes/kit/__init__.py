"""How things look: builds mobjects from recorded arrays; never trains, never plays."""
