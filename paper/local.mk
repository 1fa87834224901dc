# SPDX-License-Identifier: GPL-3.0-or-later
# A figure is paper/figures/NAME.tex, a standalone document that reads
# paper/data/NAME*.csv, and one word in this list.  Nothing here runs a solver:
# the data are in the tree, made by make experiments.
figures =
figures += certified_digits
figures += collapse_diagram
figures += deep_jump
figures += imbalance_ratio

figure_pdfs = $(figures:%=paper/figures/%.pdf)
figure_pngs = $(figures:%=paper/figures/%.png)
paper_data = $(wildcard $(srcdir)/paper/data/*.csv \
  $(srcdir)/paper/data/*.jsonl)
EXTRA_DIST += paper/figures/style.tex $(figures:%=paper/figures/%.tex) \
  $(paper_data:$(srcdir)/%=%)

# Claims and CSV files of all experiments, with all their cases, and the records
# of those that the paper has tables of.
paper_experiments = experiments/certified_digits experiments/collapse_diagram \
  experiments/deep_jump experiments/imbalance_ratio

experiments: all $(paper_experiments)
	for program in $(paper_experiments); do \
	  OPENBLAS_NUM_THREADS=1 ./$$program --full --brief \
	    --out $(srcdir)/paper/data || exit 1; \
	done
.PHONY: experiments

paper_latexmk = max_print_line=1000 TEXINPUTS='$(abs_top_srcdir)/paper/figures:$(abs_top_srcdir)/paper/data:' \
  latexmk -pdf -silent -interaction=nonstopmode -halt-on-error \
  -file-line-error

if HAVE_PAPER_TOOLS
figures: $(figure_pngs)

paper/figures/%.pdf: paper/figures/%.tex paper/figures/style.tex $(paper_data)
	$(AM_V_GEN)$(MKDIR_P) paper/figures && cd paper/figures && \
	  $(paper_latexmk) '$(abs_top_srcdir)/paper/figures/$*.tex' \
	    > $*.out 2>&1 || \
	  { grep -A 4 '^[^ ]*:[0-9]*:' $*.log; rm -f $*.pdf; exit 1; }
paper/figures/%.png: paper/figures/%.pdf
	$(AM_V_GEN)pdftoppm -r 200 -png -singlefile $< paper/figures/$*
else
figures:
	@echo 'figures: not found by configure:$(PAPER_MISSING)' \
	  '(./setup install-deps --paper)' >&2; exit 1
endif
.PHONY: figures
.PRECIOUS: $(figure_pdfs)

clean-local: clean-figures
clean-figures:
	cd paper/figures 2> /dev/null && rm -f *.pdf *.png *.aux *.log *.out \
	  *.fls *.fdb_latexmk || :
.PHONY: clean-figures
