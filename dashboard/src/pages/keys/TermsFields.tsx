import { t } from "@lingui/core/macro";
import { MultiSelect, SimpleGrid, Stack, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useZone } from "@/data/me";
import { useModels } from "@/data/models";
import { DayInput } from "@/kit/DayInput";
import { UsdInput } from "@/kit/UsdInput";
import { dayOf } from "@/kit/zoned";
import { MoreFields } from "./MoreFields";
import type { Terms } from "./terms";

/** What a key is called and may do: the fields of a form. */
export function TermsFields({ form }: { form: UseFormReturnType<Terms> }) {
  const zone = useZone();
  const models = useModels().data?.map((model) => model.id) ?? [];
  const chosen = form.getValues().models;
  return (
    <Stack gap="md">
      <TextInput
        label={t`Name`}
        placeholder={t`The program that will use it`}
        maxLength={100}
        data-autofocus
        key={form.key("name")}
        {...form.getInputProps("name")}
      />
      <MultiSelect
        label={t`Models`}
        description={t`Leave it empty for all models.`}
        placeholder={chosen.length === 0 ? t`All models` : undefined}
        data={[...new Set([...models, ...chosen])]}
        searchable
        clearable
        maxValues={100}
        hidePickedOptions
        nothingFoundMessage={t`No such model`}
        key={form.key("models")}
        {...form.getInputProps("models")}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <UsdInput
          label={t`Monthly budget`}
          placeholder={t`No limit`}
          key={form.key("monthly_budget_usd")}
          {...form.getInputProps("monthly_budget_usd")}
        />
        <DayInput
          label={t`Last day`}
          placeholder={t`Never expires`}
          minDate={dayOf(new Date(), zone)}
          key={form.key("expires_on")}
          {...form.getInputProps("expires_on")}
          error={form.errors.expires_on ?? form.errors.expires_at}
        />
      </SimpleGrid>
      <MoreFields form={form} />
    </Stack>
  );
}
