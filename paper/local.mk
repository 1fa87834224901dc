# SPDX-License-Identifier: GPL-3.0-or-later
# The article and its figures.  A figure is paper/figures/NAME.tex, a standalone document that reads
# paper/data/NAME*.csv, and one word in this list.  Nothing here runs a solver:
# the data are in the tree, made by make experiments.
figures =
figures += certified_digits
figures += collapse_diagram
figures += deep_jump
figures += imbalance_ratio
figures += mixup_channels mixup_curves mixup_joint mixup_collapse

figure_pdfs = $(figures:%=paper/figures/%.pdf)
figure_pngs = $(figures:%=paper/figures/%.png)
paper_data = $(wildcard $(srcdir)/paper/data/*.csv \
  $(srcdir)/paper/data/*.jsonl)
paper_generated = $(wildcard $(srcdir)/paper/generated/*.tex)
EXTRA_DIST += paper/ufm.tex paper/generate paper/figures/style.tex \
  $(figures:%=paper/figures/%.tex) $(paper_data:$(srcdir)/%=%) \
  $(paper_generated:$(srcdir)/%=%)

# All cases of all experiments: claims and CSV files, and the records of those
# that the paper has tables of.
paper_experiments = experiments/ce_balanced experiments/ce_deep \
  experiments/certified_digits experiments/collapse_diagram \
  experiments/deep_jump experiments/dln_balanced experiments/dln_imbalanced \
  experiments/imbalance_ratio experiments/minority_collapse \
  experiments/mixup_fixed_etf experiments/mixup_joint \
  experiments/mixup_imbalanced experiments/label_smoothing
paper_records = experiments/certified_optima
paper_runs = \
  'phase --loss ce --classes 4 --depth 2 --digits 30' \
  'phase --counts 200,100,50,50 --depth 3 --digits 30' \
  'solve --loss ce --profile step:1000000:500:100:500000 --lambda-W 1e-9 --lambda-H 1e-9 --verify'

experiments: all $(paper_experiments) $(paper_records)
	for program in $(paper_experiments); do \
	  OPENBLAS_NUM_THREADS=1 ./$$program --full --brief \
	    --out $(srcdir)/paper/data || exit 1; \
	done
	for program in $(paper_records); do \
	  OPENBLAS_NUM_THREADS=1 ./$$program --full \
	    --out $(srcdir)/paper/data || exit 1; \
	done
	for run in $(paper_runs); do \
	  ./ufm $$run --json || exit 1; \
	done > $(srcdir)/paper/data/runs.jsonl
	$(MAKE) $(AM_MAKEFLAGS) paper-tables
.PHONY: experiments

# Tables and numbers of the text: made from the records, kept in the tree, and
# made again and compared by check-paper.
paper-tables: ufm$(EXEEXT)
	$(srcdir)/paper/generate ./ufm$(EXEEXT) $(srcdir)/paper/data \
	  $(srcdir)/paper/generated
check-paper: ufm$(EXEEXT)
	rm -rf paper/check
	$(srcdir)/paper/generate ./ufm$(EXEEXT) $(srcdir)/paper/data paper/check
	diff -r $(srcdir)/paper/generated paper/check
	@echo 'check-paper: the paper says what the records say'
.PHONY: paper-tables check-paper

paper_inputs = $(abs_top_srcdir)/paper/figures:$(abs_top_srcdir)/paper/data:$(abs_top_srcdir)/paper/generated
paper_latexmk = max_print_line=1000 TEXINPUTS='$(paper_inputs):' \
  latexmk -pdf -silent -interaction=nonstopmode -halt-on-error \
  -file-line-error

if HAVE_PAPER_TOOLS
figures: $(figure_pngs)
paper: paper/ufm.pdf

paper/ufm.pdf: paper/ufm.tex $(paper_generated) $(figure_pdfs)
	$(AM_V_GEN)cd paper && \
	  $(paper_latexmk) '$(abs_top_srcdir)/paper/ufm.tex' > ufm.latexmk 2>&1 || \
	  { grep -A 4 '^[^ ]*:[0-9]*:' ufm.log; rm -f ufm.pdf; exit 1; }; \
	  touch ufm.pdf
	@! grep 'undefined' paper/ufm.log

paper/figures/%.pdf: paper/figures/%.tex paper/figures/style.tex $(paper_data)
	$(AM_V_GEN)$(MKDIR_P) paper/figures && cd paper/figures && \
	  $(paper_latexmk) '$(abs_top_srcdir)/paper/figures/$*.tex' \
	    > $*.latexmk 2>&1 || \
	  { grep -A 4 '^[^ ]*:[0-9]*:' $*.log; rm -f $*.pdf; exit 1; }; \
	  touch $*.pdf
paper/figures/%.png: paper/figures/%.pdf
	$(AM_V_GEN)pdftoppm -r 200 -png -singlefile $< paper/figures/$*
else
figures paper:
	@echo '$@: not found by configure: $(PAPER_MISSING)' \
	  '(./setup install-deps --paper)' >&2; exit 1
endif
.PHONY: figures paper
.PRECIOUS: $(figure_pdfs)

clean-local: clean-paper
clean-paper:
	rm -rf paper/check
	for folder in paper paper/figures; do \
	  (cd $$folder 2> /dev/null && rm -f *.pdf *.png *.aux *.log *.out \
	    *.fls *.fdb_latexmk *.latexmk) || :; \
	done
.PHONY: clean-paper
