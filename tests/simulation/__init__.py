"""A deterministic simulation: random worlds, real code and engine, invariants after every step.

    python -m tests.simulation.run --events 100000 --seed 7            a run, in two processes
    python -m tests.simulation.run --seed 7 --world 12                 one world of it, once more

Who produces events. `people`, `rules` and `shop` (a `clerk`, who writes `letters`) make the script
of a world; `desk` and its `till` think of deeds. `actions` makes each step: a batch of the `queue`,
changes of the `stream`, a visit at the `door`, a deed, a night. They call the real handlers on a
`ground` that has no other chance in it, over a line that `faults` break.

Who is the oracle. `model` folds facts, `society` knows who is one person, `owed` says what an order
is worth by the `versions` of the rules, why not and until when it is held, `books` keep both up to
date with the `table`. No line of it is siyu.domain's: two readings of docs/domain-rules.md, and a
mistake has to be made twice.

Who checks. After each step `invariants`, with `ledger` for what is owed and `post` for messages,
of which none may be lost; after each transaction `commits`, with `spent` for what is let go, spent
or over; in the end `verdict`. `replay` plays the `history` of every fifth world once more.

Who checks the checkers. `mutations` are mistakes that `test_simulation` makes in the product.

`world` puts it together, `play` many worlds. A violation is printed with its seed, world and last
steps. Everything random comes from the seed and the world's number, so the same world ends the same
way, as long as the code makes the same calls.
"""
