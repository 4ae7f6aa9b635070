import { plural, t } from "@lingui/core/macro";
import { MultiSelect, Select, Text } from "@mantine/core";
import type { Model } from "@/data/models";
import { formatUsd } from "@/kit/money";
import { formatCompact } from "@/kit/numbers";
import {
  ABILITIES,
  CONTEXTS,
  choicesFor,
  type ModelFilters,
  PRICES,
  READS,
  UNKNOWN_MAKER,
  USES,
  type Use,
  untold,
} from "./filters";
import classes from "./Models.module.css";
import { Toggles } from "./Toggles";

interface Props {
  /** All that one may use: what tells them apart is what they are filtered by. */
  models: Model[];
  filters: ModelFilters;
  change: (changed: Partial<ModelFilters>) => void;
}

/** By what models are narrowed beside their names. */
export function FilterFields({ models, filters, change }: Props) {
  const offered = choicesFor(models, filters);
  const unknown = filters.can.length > 0 ? untold(models) : 0;
  return (
    <div className={classes.filters}>
      <div className={classes.fields}>
        {offered.makers.length > 0 && (
          <MultiSelect
            className={classes.makers}
            label={t`Made by`}
            placeholder={filters.makers.length === 0 ? t`Anybody` : undefined}
            data={offered.makers.map((maker) => ({ value: maker, label: nameOf(maker) }))}
            value={filters.makers}
            onChange={(makers) => change({ makers })}
            clearable
            hidePickedOptions
            clearButtonProps={{ "aria-label": t`Anybody` }}
          />
        )}
        <Select
          label={t`Context of at least`}
          placeholder={t`Any length`}
          data={steps(CONTEXTS, filters.context, (one, other) => one - other).map((tokens) => ({
            value: String(tokens),
            label: t`${{ tokens: formatCompact(tokens) }} tokens`,
          }))}
          value={filters.context === null ? null : String(filters.context)}
          onChange={(tokens) => change({ context: tokens === null ? null : Number(tokens) })}
          clearable
          clearButtonProps={{ "aria-label": t`Any length` }}
        />
        <Select
          label={t`Input price at most`}
          placeholder={t`Any price`}
          data={steps(PRICES, filters.price, (one, other) => Number(one) - Number(other)).map((usd) => ({
            value: usd,
            label: usd === "0" ? t`Free` : t`${{ usd: formatUsd(usd) }} per 1M`,
          }))}
          value={filters.price}
          onChange={(price) => change({ price })}
          clearable
          clearButtonProps={{ "aria-label": t`Any price` }}
        />
        {offered.uses.length > 0 && (
          <Select
            label={t`Made for`}
            placeholder={t`Anything`}
            data={USES.filter(({ value }) => offered.uses.includes(value)).map((use) => ({ ...use }))}
            value={filters.use}
            onChange={(use) => change({ use: use as Use | null })}
            clearable
            clearButtonProps={{ "aria-label": t`Anything` }}
          />
        )}
      </div>
      <div className={classes.sets}>
        {offered.reads.length > 0 && (
          <Toggles
            label={t`Reads`}
            data={READS.filter(({ value }) => offered.reads.includes(value))}
            value={filters.reads}
            onChange={(reads) => change({ reads })}
          />
        )}
        {offered.can.length > 0 && (
          <Toggles
            label={t`Can`}
            data={ABILITIES.filter(({ value }) => offered.can.includes(value))}
            value={filters.can}
            onChange={(can) => change({ can })}
          />
        )}
      </div>
      {unknown > 0 && (
        <Text size="xs" c="dimmed" role="status">
          {plural(
            { count: unknown },
            {
              one: "Nobody has said what # model can do: it is left out.",
              other: "Nobody has said what # models can do: they are left out.",
            },
          )}
        </Text>
      )}
    </div>
  );
}

function nameOf(maker: string): string {
  return maker === UNKNOWN_MAKER ? t`Others` : maker;
}

/** The steps to choose from, with the one that the address has. */
function steps<Step>(all: readonly Step[], chosen: Step | null, order: (a: Step, b: Step) => number): Step[] {
  return chosen === null || all.includes(chosen) ? [...all] : [...all, chosen].sort(order);
}
