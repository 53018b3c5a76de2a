"""What togglframe says: the words of charts, workbooks and the terminal, without matplotlib.

======================  ============================================================
module                  holds
======================  ============================================================
``formats``             numbers as people read them: hours, percent, money, a count of things
``cells``               the cells of a table: one value, beside a heading
``names``               what an entity is called, cut to a length, equal ones told apart
``measures``            numbers out of a frame, exact, and which rows can be measured
``bridge``              the steps from the estimates of all clients to the hours tracked
``findings``            what a frame says, in a few words: titles
``findings_over_time``  the same of hours, earnings and capacity
``findings_of_work``    the same of burns, days of work and trends
``figures``             what a portfolio comes to: key figures
``scope``               what a frame covers and where it comes from: footers
``sentences``           what a picture of a frame shows: text alternatives
======================  ============================================================
"""
