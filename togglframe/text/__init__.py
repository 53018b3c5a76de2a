"""What togglframe says: the words of charts, workbooks and the terminal, without matplotlib.

======================  ============================================================
module                  holds
======================  ============================================================
``formats``             numbers as people read them: hours, percent, money, a count of things
``names``               the names of entities, cut to a length, equal ones told apart
``guesses``             what a misspelt name may mean
``periods``             days, weeks and months: their names, and which ones are cut short
``measures``            exact numbers from a frame, and which rows can be measured
``findings``            what a frame says, in a few words: titles
``findings_over_time``  the same for hours, earnings and capacity
``findings_of_work``    the same for burn-ups, changes, timesheets and trends
``figures``             the key figures of a portfolio
``scope``               what a frame covers and where it comes from: footers
``sentences``           what a picture of a frame shows: alt texts
======================  ============================================================
"""
