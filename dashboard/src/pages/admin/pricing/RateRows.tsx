import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Fieldset, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { PlusIcon, Trash2Icon } from "lucide-react";
import type { ReactNode } from "react";
import { UsdInput } from "@/kit/UsdInput";
import { NO_SERVICE_TIER, NO_TIER, type Typed, type TypedTier } from "./entry";
import classes from "./RateRows.module.css";

const MOST = 10; // that the API takes

type Form = UseFormReturnType<Typed & { model: string }>;

/** Rates for longer prompts, a row each. */
export function LongerPrompts({ form }: { form: Form }) {
  const { tiers } = form.getValues();
  return (
    <Fieldset legend={t`Longer prompts`}>
      <Stack gap="sm">
        {tiers.length === 0 && <None>{t`Prompts of every length cost the same.`}</None>}
        <TierRows form={form} list="tiers" tiers={tiers} />
        {tiers.length < MOST && (
          <Add onClick={() => form.insertListItem("tiers", NO_TIER)}>{t`Add a tier`}</Add>
        )}
      </Stack>
    </Fieldset>
  );
}

/** Rates of service tiers, a row each, with their own for longer prompts below. */
export function ServiceTiers({ form }: { form: Form }) {
  const rows = form.getValues().service_tiers;
  return (
    <Fieldset legend={t`Service tiers`}>
      <Stack gap="sm">
        {rows.length === 0 && (
          <None>{t`There is none but the standard one: requests for others are refused.`}</None>
        )}
        {rows.map(({ name, tiers }, index) => {
          const path = `service_tiers.${index}`;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is nothing but its place in the form
            <Stack key={index} gap="xs">
              <Row
                form={form}
                path={path}
                first={
                  <TextInput
                    label={t`Name, such as flex or priority`}
                    {...form.getInputProps(`${path}.name`)}
                  />
                }
                remove={t`Take away the service tier ${{ name: name || "…" }}`}
                onRemove={() => form.removeListItem("service_tiers", index)}
              />
              <Stack
                component="fieldset"
                gap="xs"
                className={classes.within}
                aria-label={t`Longer prompts in ${{ name: name || "…" }}`}
              >
                <TierRows form={form} list={`${path}.tiers`} tiers={tiers} />
                {tiers.length < MOST && (
                  <Add isQuiet onClick={() => form.insertListItem(`${path}.tiers`, NO_TIER)}>
                    {t`Longer prompts in this tier`}
                  </Add>
                )}
              </Stack>
            </Stack>
          );
        })}
        {rows.length < MOST && (
          <Add
            onClick={() => form.insertListItem("service_tiers", NO_SERVICE_TIER)}
          >{t`Add a service tier`}</Add>
        )}
      </Stack>
    </Fieldset>
  );
}

function TierRows({ form, list, tiers }: { form: Form; list: string; tiers: readonly TypedTier[] }) {
  return tiers.map(({ above_prompt_tokens }, index) => (
    <Row
      // biome-ignore lint/suspicious/noArrayIndexKey: a row is nothing but its place in the form
      key={index}
      form={form}
      path={`${list}.${index}`}
      first={
        <TextInput
          label={t`Above so many tokens`}
          inputMode="numeric"
          {...form.getInputProps(`${list}.${index}.above_prompt_tokens`)}
        />
      }
      remove={t`Take away the tier above ${{ tokens: above_prompt_tokens || "…" }} tokens`}
      onRemove={() => form.removeListItem(list, index)}
    />
  ));
}

interface RowProps {
  form: Form;
  path: string;
  /** The field that tells it from the others. */
  first: ReactNode;
  /** How the button is called that takes it away. */
  remove: string;
  onRemove: () => void;
}

function Row({ form, path, first, remove, onRemove }: RowProps) {
  return (
    <Group gap="sm" align="flex-start" wrap="nowrap">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" flex={1}>
        {first}
        <UsdInput label={t`Input`} {...form.getInputProps(`${path}.input_usd_per_1m`)} />
        <UsdInput
          label={t`Cached input`}
          placeholder={t`Follows input`}
          {...form.getInputProps(`${path}.cached_input_usd_per_1m`)}
        />
        <UsdInput label={t`Output`} {...form.getInputProps(`${path}.output_usd_per_1m`)} />
      </SimpleGrid>
      <ActionIcon mt={26} size="lg" variant="subtle" color="gray" aria-label={remove} onClick={onRemove}>
        <Trash2Icon size={17} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

function None({ children }: { children: string }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}

function Add({
  isQuiet = false,
  onClick,
  children,
}: {
  isQuiet?: boolean;
  onClick: () => void;
  children: string;
}) {
  return (
    <Group>
      <Button
        size={isQuiet ? "compact-xs" : "xs"}
        variant={isQuiet ? "subtle" : "default"}
        leftSection={<PlusIcon size={15} aria-hidden />}
        onClick={onClick}
      >
        {children}
      </Button>
    </Group>
  );
}
