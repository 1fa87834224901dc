/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The problem a certificate speaks of. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "check/alloc.h"
#include "check/problem.h"

static const char *const losses[] = {"ce", "mse"};
static const char *const biases[] = {"none", "free", "ridge"};

void chk_problem_init(chk_problem *p)
{
  memset(p, 0, sizeof *p);
  mpq_init(p->lambda_h);
  mpq_init(p->lambda_b);
  mpq_init(p->multiplier);
  mpz_init(p->total);
}

void chk_problem_clear(chk_problem *p)
{
  for (size_t m = 0; p->lambda_w != NULL && m < p->M; m++)
    mpq_clear(p->lambda_w[m]);
  for (size_t j = 0; p->columns != NULL && j < p->J; j++) {
    chk_grid_clear(&p->columns[j].t);
    mpz_clear(p->columns[j].weight);
    chk_number_clear(&p->columns[j].multiple);
  }
  free(p->lambda_w);
  free(p->width);
  free(p->columns);
  mpq_clear(p->lambda_h);
  mpq_clear(p->lambda_b);
  mpq_clear(p->multiplier);
  mpz_clear(p->total);
}

static void allocate_layers(chk_problem *p, size_t M)
{
  p->M = M;
  p->width = chk_alloc(M + 1, sizeof *p->width);
  p->width[M] = p->K;
  p->lambda_w = chk_alloc(M, sizeof *p->lambda_w);
  for (size_t m = 0; m < M; m++)
    mpq_init(p->lambda_w[m]);
}

/* "fixed_W": {"frame": "etf", "multiplier": m}, with "d" equal to K and a
   "lambda_W" that may be null. */
static bool read_frame(chk_problem *p, const json_t *fixed, json_t *lambda,
                       chk_session *session)
{
  static const char *const frames[] = {"etf"};
  json_t *frame, *multiplier;
  size_t unused;

  p->fixed = true;
  if (p->width[0] != p->K)
    return chk_malformed(session, "problem.d: want K with a fixed classifier");
  return chk_read_key(&frame, fixed, "frame", "problem.fixed_W", session) &&
         chk_read_name(&unused, frame, frames, 1, "problem.fixed_W.frame",
                       session) &&
         chk_read_key(&multiplier, fixed, "multiplier", "problem.fixed_W",
                      session) &&
         chk_read_positive(p->multiplier, multiplier,
                           "problem.fixed_W.multiplier", session) &&
         (json_is_null(lambda) ||
          chk_read_positive(p->lambda_w[0], lambda, "problem.lambda_W",
                            session));
}

/* "depth", "widths", "lambda_W": [...], or "d" and one "lambda_W". */
static bool read_layers(chk_problem *p, const json_t *value,
                        chk_session *session)
{
  json_t *depth = json_object_get(value, "depth"), *widths, *lambdas;
  json_t *fixed = json_object_get(value, "fixed_W");
  size_t M, count;

  if (!chk_read_key(&lambdas, value, "lambda_W", "problem", session))
    return false;
  if (depth == NULL) {
    allocate_layers(p, 1);
    if (!chk_read_key(&widths, value, "d", "problem", session) ||
        !chk_read_size(&p->width[0], widths, "problem.d", session))
      return false;
    return fixed != NULL ? read_frame(p, fixed, lambdas, session)
                         : chk_read_positive(p->lambda_w[0], lambdas,
                                             "problem.lambda_W", session);
  }
  if (fixed != NULL)
    return chk_malformed(session, "problem.fixed_W: want depth 1");
  if (!chk_read_size(&M, depth, "problem.depth", session))
    return false;
  if (M > CHK_MAX_DEPTH)
    return chk_malformed(session, "problem.depth: want at most %d",
                         CHK_MAX_DEPTH);
  if (!chk_read_key(&widths, value, "widths", "problem", session) ||
      !chk_read_array(&count, widths, M, "problem.widths", session))
    return false;
  if (count != M || json_array_size(lambdas) != M)
    return chk_malformed(session,
                         "problem: want %zu entries in widths and lambda_W", M);
  allocate_layers(p, M);
  for (size_t m = 0; m < M; m++)
    if (!chk_read_size(&p->width[m], json_array_get(widths, m),
                       "problem.widths", session) ||
        !chk_read_positive(p->lambda_w[m], json_array_get(lambdas, m),
                           "problem.lambda_W", session))
      return false;
  return true;
}

/* K numbers >= 0 whose sum is exactly 1. */
static bool read_soft_target(chk_column *column, const json_t *value, size_t K,
                             const char *where, chk_session *session)
{
  mpz_t sum, one;
  bool good;

  if (!chk_read_grid(&column->t, value, K, 1, where, session))
    return false;
  mpz_init(sum);
  mpz_init(one);
  good = true;
  for (size_t i = 0; i < K; i++) {
    good = good && mpz_sgn(column->t.x[i]) >= 0;
    mpz_add(sum, sum, column->t.x[i]);
  }
  mpz_set(one, column->t.q);
  if (column->t.e >= 0)
    mpz_mul_2exp(sum, sum, (mp_bitcnt_t)column->t.e);
  else
    mpz_mul_2exp(one, one, (mp_bitcnt_t)-column->t.e);
  good = good && mpz_cmp(sum, one) == 0;
  mpz_clear(sum);
  mpz_clear(one);
  if (!good)
    return chk_malformed(session, "%s: want probabilities with sum 1", where);
  return true;
}

/* "class:k". */
static bool read_label(chk_column *column, const json_t *value, size_t K,
                       const char *where, chk_session *session)
{
  const char *text = json_string_value(value);
  char *end;

  if (strncmp(text, "class:", 6) == 0 && text[6] >= '0' && text[6] <= '9' &&
      strlen(text + 6) < 9) {
    column->label = strtoul(text + 6, &end, 10);
    if (*end == '\0' && column->label < K)
      return true;
  }
  return chk_malformed(session, "%s: want \"class:k\" with k below %zu", where,
                       K);
}

bool chk_read_weight(mpz_t out, const json_t *value, const char *where,
                     chk_session *session)
{
  chk_number number;
  bool good;

  chk_number_init(&number);
  good = chk_read_number(&number, value, where, session);
  if (good && (chk_number_sign(&number) <= 0 || mpz_cmp_ui(number.q, 1) != 0 ||
               number.e < 0))
    good = chk_malformed(session, "%s: want a positive integer", where);
  if (good)
    mpz_mul_2exp(out, number.p, (mp_bitcnt_t)number.e);
  chk_number_clear(&number);
  return good;
}

static bool read_column(chk_column *column, const json_t *value, size_t K,
                        size_t j, chk_session *session)
{
  json_t *target, *weight, *multiple;
  char where[64];

  snprintf(where, sizeof where, "problem.columns[%zu]", j);
  if (!chk_read_key(&target, value, "target", where, session) ||
      !chk_read_key(&weight, value, "weight", where, session) ||
      !chk_read_key(&multiple, value, "multiplicity", where, session))
    return false;
  column->one_hot = json_is_string(target);
  if (!(column->one_hot
            ? read_label(column, target, K, where, session)
            : read_soft_target(column, target, K, where, session)) ||
      !chk_read_weight(column->weight, weight, where, session) ||
      !chk_read_number(&column->multiple, multiple, where, session))
    return false;
  if (chk_number_sign(&column->multiple) <= 0)
    return chk_malformed(session, "%s: want a positive multiplicity", where);
  return true;
}

static bool read_columns(chk_problem *p, const json_t *value,
                         chk_session *session)
{
  json_t *columns;

  if (!chk_read_key(&columns, value, "columns", "problem", session) ||
      !chk_read_array(&p->J, columns, 1, "problem.columns", session))
    return false;
  p->columns = chk_alloc(p->J, sizeof *p->columns);
  for (size_t j = 0; j < p->J; j++) {
    chk_grid_init(&p->columns[j].t);
    mpz_init(p->columns[j].weight);
    chk_number_init(&p->columns[j].multiple);
  }
  for (size_t j = 0; j < p->J; j++) {
    if (!read_column(&p->columns[j], json_array_get(columns, j), p->K, j,
                     session))
      return false;
    mpz_add(p->total, p->total, p->columns[j].weight);
  }
  return true;
}

bool chk_problem_read_head(chk_problem *p, const json_t *value,
                           chk_session *session)
{
  json_t *loss, *bias, *classes, *lambda_h, *lambda_b;
  size_t loss_index, bias_index;

  if (!chk_read_key(&loss, value, "loss", "problem", session) ||
      !chk_read_name(&loss_index, loss, losses, 2, "problem.loss", session) ||
      !chk_read_key(&bias, value, "bias", "problem", session) ||
      !chk_read_name(&bias_index, bias, biases, 3, "problem.bias", session) ||
      !chk_read_key(&classes, value, "K", "problem", session) ||
      !chk_read_size(&p->K, classes, "problem.K", session) ||
      !chk_read_key(&lambda_h, value, "lambda_H", "problem", session) ||
      !chk_read_positive(p->lambda_h, lambda_h, "problem.lambda_H", session) ||
      !chk_read_key(&lambda_b, value, "lambda_b", "problem", session))
    return false;
  p->loss = loss_index == 0 ? CHK_CE : CHK_MSE;
  p->bias = bias_index == 0 ? CHK_NONE : bias_index == 1 ? CHK_FREE : CHK_RIDGE;
  if (p->bias == CHK_RIDGE) {
    if (!chk_read_positive(p->lambda_b, lambda_b, "problem.lambda_b", session))
      return false;
  } else if (!json_is_null(lambda_b)) {
    return chk_malformed(session, "problem.lambda_b: want null");
  }
  return read_layers(p, value, session);
}

bool chk_problem_read(chk_problem *p, const json_t *value, chk_session *session)
{
  return chk_problem_read_head(p, value, session) &&
         read_columns(p, value, session);
}

void chk_target_rational(mpq_t out, const chk_column *column, size_t i)
{
  if (column->one_hot) {
    mpq_set_ui(out, column->label == i, 1);
    return;
  }
  mpz_set(mpq_numref(out), column->t.x[i]);
  mpz_set(mpq_denref(out), column->t.q);
  mpq_canonicalize(out);
  if (column->t.e >= 0)
    mpq_mul_2exp(out, out, (mp_bitcnt_t)column->t.e);
  else
    mpq_div_2exp(out, out, (mp_bitcnt_t)-column->t.e);
}

void chk_target(chk_interval *out, const chk_column *column, size_t i,
                mp_bitcnt_t f)
{
  if (column->one_hot) {
    chk_interval_set_si(out, column->label == i, f);
    return;
  }
  chk_scale_floor(out->lo, column->t.x[i], column->t.q, column->t.e + (long)f);
  chk_scale_ceil(out->hi, column->t.x[i], column->t.q, column->t.e + (long)f);
}

bool chk_penalty_product(mpq_t out, const chk_problem *p, chk_session *session)
{
  unsigned long L = (unsigned long)p->M + 1;
  bool good = true;
  mpq_t half;

  mpq_init(half);
  mpq_set_ui(half, L, 2);
  mpq_canonicalize(half);
  mpq_set(out, p->lambda_h);
  for (size_t m = 0; m < p->M && good; m++) {
    mpq_mul(out, out, p->lambda_w[m]);
    good = chk_spend_on(session, out);
  }
  for (unsigned long i = 0; i < L && good; i++) {
    mpq_mul(out, out, half);
    good = chk_spend_on(session, out);
  }
  mpq_clear(half);
  return good;
}
