"""What all charts share: colours that suit the style in force, axes of dates, titles and legends.

Charts are drawn into axes of the caller's, or into a new figure of pyplot, which notebooks show and
``plt.show()`` finds. Fonts, sizes and backgrounds are those of Matplotlib's ``rcParams``, dark styles
included.
"""
