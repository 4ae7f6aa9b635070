import { plural, t } from "@lingui/core/macro";
import { MultiSelect, Select, Text } from "@mantine/core";
import { formatUsd } from "@/kit/money";
import { formatCompact } from "@/kit/numbers";
import { ABILITIES, type Choices, type ModelFilters, READS, UNKNOWN_MAKER, USES, type Use } from "./filters";
import classes from "./Models.module.css";
import { Toggles } from "./Toggles";

interface Props {
  /** What tells the models from each other. */
  offered: Choices;
  /** Of so many nobody has said what they can do. */
  untold: number;
  filters: ModelFilters;
  change: (changed: Partial<ModelFilters>) => void;
}

/** By what models are narrowed beside their names. */
export function FilterFields({ offered, untold, filters, change }: Props) {
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
        {offered.contexts.length > 0 && (
          <Select
            label={t`Context of at least`}
            placeholder={t`Any length`}
            data={offered.contexts.map((tokens) => ({
              value: String(tokens),
              label: t`${{ tokens: formatCompact(tokens) }} tokens`,
            }))}
            value={filters.context === null ? null : String(filters.context)}
            onChange={(tokens) => change({ context: tokens === null ? null : Number(tokens) })}
            clearable
            clearButtonProps={{ "aria-label": t`Any length` }}
          />
        )}
        {offered.prices.length > 0 && (
          <Select
            label={t`Input price at most`}
            placeholder={t`Any price`}
            data={offered.prices.map((usd) => ({
              value: usd,
              label: usd === "0" ? t`Free` : t`${{ usd: formatUsd(usd) }} per 1M`,
            }))}
            value={filters.price}
            onChange={(price) => change({ price })}
            clearable
            clearButtonProps={{ "aria-label": t`Any price` }}
          />
        )}
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
      {filters.can.length > 0 && untold > 0 && (
        <Text size="xs" c="dimmed" role="status">
          {plural(
            { count: untold },
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
