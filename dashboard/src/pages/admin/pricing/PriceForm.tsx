import { t } from "@lingui/core/macro";
import { Button, Group, MultiSelect, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { DayInput } from "@/kit/DayInput";
import { Fold } from "@/kit/Fold";
import { compareUsd, formatUsd, parseUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { isUsd, UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { Notice } from "../parts/Notice";
import { isOptionalUsd, isOptionalWhole } from "../parts/rules";
import { Sheet, SheetForm } from "../parts/Sheet";
import { useChange } from "../parts/useChange";
import { ABILITIES, LABELS, NAMES } from "./abilities";
import {
  CLASS_FIELDS,
  CLASSES,
  isDated,
  isDay,
  isTierName,
  isTierStart,
  placeOf,
  sayJump,
  sayMove,
  type Typed,
  toEntry,
  typedFrom,
} from "./entry";
import { PreviewPanel } from "./PreviewPanel";
import type { ModelPrice, PriceAsSet } from "./prices";
import { LongerPrompts, ServiceTiers } from "./RateRows";

interface Props {
  /** The price to change; without one, a model gets its first. */
  found?: ModelPrice;
  /** Which model gets its first, where that is known. */
  model?: string;
  opened: boolean;
  onClose: () => void;
}

/** Give a model a price, as a new version. */
export function PriceForm({ found, model, opened, onClose }: Props) {
  return (
    <Sheet
      title={found === undefined ? t`Add a price` : t`Change the price of ${{ model: found.price.model }}`}
      opened={opened}
      onClose={onClose}
    >
      <Fields found={found} model={model} onClose={onClose} />
    </Sheet>
  );
}

/** Of rates beside the price's own. */
const RATES = { input_usd_per_1m: isUsd, output_usd_per_1m: isUsd, cached_input_usd_per_1m: isOptionalUsd };

interface Wish {
  model: string;
  entry: PriceAsSet;
  force: boolean;
}

function Fields({ found, model, onClose }: Omit<Props, "opened">) {
  const price = found?.price;
  const set = found?.as_set;
  const go = useNavigate();
  const [jump, setJump] = useState<string | null>(null);
  const put = useChange(({ model, entry, force }: Wish, headers) =>
    unwrap(
      api().PUT("/api/admin/pricing/{model}", {
        params: { path: { model }, query: force ? { force } : {} },
        body: entry,
        headers,
      }),
    ),
  );
  const form = useForm({
    mode: "controlled",
    initialValues: { model: price?.model ?? model ?? "", ...typedFrom(set) },
    validate: {
      model: (typed) => (typed.trim() === "" ? t`Write the model's name, as clients send it.` : null),
      input_usd_per_1m: isUsd,
      output_usd_per_1m: isUsd,
      ...(Object.fromEntries(CLASS_FIELDS.map((field) => [field, isOptionalUsd])) as Record<
        (typeof CLASS_FIELDS)[number],
        typeof isOptionalUsd
      >),
      request_usd: isOptionalUsd,
      context_tokens: isOptionalWhole,
      max_output_tokens: isOptionalWhole,
      tiers: {
        above_prompt_tokens: (typed, { tiers }) => isTierStart(typed, tiers),
        ...RATES,
      },
      service_tiers: {
        name: (typed, { service_tiers }) => isTierName(typed, service_tiers),
        ...RATES,
        tiers: {
          above_prompt_tokens: (typed, { service_tiers }, path) =>
            isTierStart(typed, service_tiers[Number(path.split(".")[1])]?.tiers ?? []),
          ...RATES,
        },
      },
      dated: (typed) => isDated(typed, set?.dated),
    },
    onValuesChange: () => setJump(null), // what was warned of is not what is typed any more
  });
  const send = async ({ model, ...typed }: typeof form.values, force: boolean) => {
    const done = await put.mutateAsync({ model: model.trim(), entry: toEntry(typed, set), force });
    notifyDone(t`${{ model: done.model }} has its price. Other instances follow within half a minute.`);
    onClose();
    if (price === undefined) void go(`/admin/pricing/${encodeURIComponent(done.model)}`);
  };
  const { submit, problem, isSending } = useSubmit(
    form,
    async (values: typeof form.values) => {
      try {
        await send(values, jump !== null);
      } catch (error) {
        const refusal = asProblem(error);
        if (refusal.code !== "price_jump") throw error;
        setJump(sayJump(refusal.words, refusal.param ?? ""));
      }
    },
    placeOf,
  );
  const usd = (field: "input_usd_per_1m" | "output_usd_per_1m" | "request_usd", label: string) => (
    <UsdInput
      label={label}
      description={
        price === undefined ? undefined : <Move before={price[field]} typed={form.values[field]} />
      }
      inputWrapperOrder={["label", "input", "description", "error"]}
      {...form.getInputProps(field)}
    />
  );
  return (
    <SheetForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={jump === null ? t`Set price` : t`Set it anyway`}
      danger={jump !== null}
      onCancel={onClose}
    >
      <Text size="sm" c="dimmed">
        {t`In dollars for a million tokens, from now on. Requests before keep the version that charged them.`}
      </Text>
      {price === undefined && (
        <TextInput
          label={t`Model`}
          description={t`As clients name it`}
          data-autofocus
          {...form.getInputProps("model")}
        />
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {usd("input_usd_per_1m", t`Input`)}
        {usd("output_usd_per_1m", t`Output`)}
      </SimpleGrid>
      <Classes form={form} />
      <LongerPrompts form={form} />
      <ServiceTiers form={form} />
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        {usd("request_usd", t`Each request`)}
        <TextInput
          label={t`Context in tokens`}
          inputMode="numeric"
          {...form.getInputProps("context_tokens")}
        />
        <TextInput
          label={t`Longest answer`}
          inputMode="numeric"
          {...form.getInputProps("max_output_tokens")}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput
          label={t`Source`}
          placeholder={t`Where it was published`}
          {...form.getInputProps("source")}
        />
        {set?.dated == null || isDay(set.dated) ? (
          <DayInput
            label={t`Dated`}
            placeholder={t`Not given`}
            {...form.getInputProps("dated")}
            value={form.getValues().dated || null}
            onChange={(day) => form.setFieldValue("dated", day ?? "")}
          />
        ) : (
          <TextInput label={t`Dated`} {...form.getInputProps("dated")} />
        )}
      </SimpleGrid>
      <Abilities form={form} />
      {price !== undefined && !price.model.includes("*") && (
        <PreviewPanel
          model={price.model}
          entry={() => (form.validate().hasErrors ? null : toEntry(form.getValues(), set))}
        />
      )}
      {jump !== null && (
        <Notice tone="warn" title={t`This is a tenfold jump`}>
          <Text size="sm">{jump}</Text>
          <Group mt="xs">
            <Button size="xs" variant="default" onClick={() => setJump(null)}>
              {t`Correct it`}
            </Button>
          </Group>
        </Notice>
      )}
    </SheetForm>
  );
}

/** The classes that may cost something else than their side. */
function Classes({ form }: { form: { getInputProps: (field: string) => object } }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      {CLASS_FIELDS.map((field) => (
        <UsdInput
          key={field}
          label={CLASSES[field].label}
          placeholder={CLASSES[field].side === "input_usd_per_1m" ? t`As input` : t`As output`}
          {...form.getInputProps(field)}
        />
      ))}
    </SimpleGrid>
  );
}

/** What the model can do, folded away unless the price says it. */
function Abilities({ form }: { form: UseFormReturnType<Typed & { model: string }> }) {
  const typed = form.getValues();
  return (
    <Fold
      title={t`What it can do`}
      opened={ABILITIES.some((ability) => typed[ability].length > 0)}
      hasProblem={ABILITIES.some((ability) => form.errors[ability] !== undefined)}
    >
      <Stack gap="sm" pt="sm">
        <Text size="sm" c="dimmed">
          {t`What is left empty is as publicly known, or as the prices tell.`}
        </Text>
        {ABILITIES.map((ability) => (
          <MultiSelect
            key={ability}
            label={LABELS[ability]}
            data={NAMES[ability]}
            placeholder={typed[ability].length === 0 ? t`As known` : undefined}
            searchable
            clearable
            hidePickedOptions
            {...form.getInputProps(ability)}
          />
        ))}
      </Stack>
    </Fold>
  );
}

/** What an amount is now, and how far what is typed moves it. */
function Move({ before, typed }: { before: string; typed: string }) {
  const after = parseUsd(typed);
  const now = t`Now ${{ before: formatUsd(before, { exact: true }) }}`;
  if (after === null || compareUsd(before, after) === 0) return now;
  const said = sayMove(before, after);
  return said === null ? now : `${now}: ${said}`;
}
