"""What togglframe says: the words of charts, workbooks and the terminal, without matplotlib.

======================  ============================================================
module                  holds
======================  ============================================================
``formats``             numbers as people read them: hours, percent, money, a count of things
``names``               the names of entities, cut to a length, equal ones told apart
``guesses``             what a misspelt name may mean
``periods``             days, weeks and months: their names, and which ones are cut short
``measures``            exact numbers from a frame, and which rows can be measured
``headlines``           what a frame says, in one sentence of at most 60 characters
``palette``             the colours of all outputs, by what they mean
``scope``               what a frame covers and where it comes from: footers
``sentences``           what a picture of a frame shows: alt texts
======================  ============================================================
"""
