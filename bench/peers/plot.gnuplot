# Tasks a second on a logarithmic scale: the median as a bar, the smallest and largest as a line.
# Usage: gnuplot -c plot.gnuplot DATA OUTPUT.svg; DATA has name, median, smallest, largest and the
# median as text, with tabs between them.
set terminal svg size 900,480 font "sans-serif,13" background rgb "white"
data = ARG1
set output ARG2
set datafile separator "\t"
set title "Small tasks a second, 100 bytes there and back, each at its best window"
set logscale y
set format y "10^{%T}"
set yrange [100:3e6]
set ylabel "tasks/s"
set grid ytics lc rgb "#dddddd"
set border 3
set tics nomirror
set xtics rotate by -30 noenhanced
set boxwidth 0.7
set style fill solid noborder
set key off
color(name) = strstrt(name, "Penstock") ? 0x1f6f8b : 0xb8b8b8
plot data using 0:2:(color(strcol(1))):xtic(1) with boxes lc rgb variable, \
     data using 0:3:(0):($4 - $3) with vectors nohead lw 2 lc rgb "#444444", \
     data using 0:4:5 with labels offset 0,0.8
