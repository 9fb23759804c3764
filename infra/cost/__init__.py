"""What Siyu costs, counted at work on this machine and priced by AWS's list."""
