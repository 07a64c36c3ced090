"""WHAT A PERSON ASKS FOR: each job returns a Plan or a Result; none applies it."""
