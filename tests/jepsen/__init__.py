"""Three workloads against the ledger, after those that Jepsen runs against TigerBeetle
(https://github.com/jepsen-io/tigerbeetle), with the code as it ships and the local engine.

`transfer`     Threads earn, reverse, release, hold, capture and void, and read balances, entries,
               and all balances at once. Is there one order of the transfers that explains
               every answer?
`idempotence`  The same ids again and again, with the same content and with another. Does an id
               succeed twice, or be read in two versions?
`indefinite`   Answers get lost; whoever got none asks again under the same id until there is one.
               Does each end with one effect, and does what was read hold for ever?

How it works. `history` writes down when an operation began and how it ended: ok, fail (it certainly
had no effect) or info (nobody knows). `nemesis` stands on the line to the engine: it loses
requests and answers, refuses writes as conflicts or throttled, kills the process in the middle
of an operation, lets the engine forget tokens, and kills the engine itself, whose file stays.
`transfers` makes the operations, and a workload has a function that plays and one that judges.
The judges know nothing of the ledger's code but `domain.ledger`, and are tested on bad histories
written by hand (`test_judges`).

Amounts are drawn from 48 bits, so the sum of some transfers says which ones they are: from a
balance the judge knows what the reader saw (`subsets`). For each item the sets that were seen must
form a chain that agrees with time, and so must those of reads of everything at once. As transfers
commute, that is the same as one serial order of all.

    python -m tests.jepsen.run --seconds 60 --seed 7
"""
