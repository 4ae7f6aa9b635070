import { t } from "@lingui/core/macro";
import { Button, Combobox, Text, useCombobox } from "@mantine/core";
import { ChevronDownIcon } from "lucide-react";
import { useEffect, useState } from "react";
import type { Model } from "@/data/models";
import { byName } from "@/kit/lists";
import { formatUsd } from "@/kit/money";
import { isSuspended } from "@/kit/Suspended";
import classes from "./ModelPicker.module.css";
import type { useChatModels } from "./useChatModels";

interface Props {
  models: ReturnType<typeof useChatModels>;
  value: string;
  onChange: (model: string) => void;
}

/** Which model answers, and what each takes. */
export function ModelPicker({ models, value, onChange }: Props) {
  const [search, setSearch] = useState("");
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch("");
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const {
    dropdownOpened: isOpen,
    selectFirstOption,
    selectActiveOption,
    updateSelectedOptionIndex,
  } = combobox;
  const isListed = models.data !== undefined;
  useEffect(() => {
    if (!isOpen || !isListed) return;
    if (search === "") {
      selectActiveOption();
      updateSelectedOptionIndex("selected");
    } else selectFirstOption(); // which Enter takes
  }, [isOpen, isListed, search, selectFirstOption, selectActiveOption, updateSelectedOptionIndex]);

  if (models.isError && !isSuspended(models.error)) {
    return (
      <Button size="compact-sm" variant="subtle" color="red" onClick={() => void models.refetch()}>
        {t`No models: try again`}
      </Button>
    );
  }
  const sought = search.trim().toLowerCase();
  const found = models.data?.filter(({ id }) => id.toLowerCase().includes(sought)) ?? [];
  const shown = found.sort((a, b) => byName(a.id, b.id));
  return (
    <Combobox
      store={combobox}
      width={330}
      position="top-start"
      withinPortal
      onOptionSubmit={(model) => {
        onChange(model);
        combobox.closeDropdown();
        combobox.focusTarget();
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <Button
          classNames={{ root: classes.target, label: classes.chosen }}
          size="compact-md"
          variant="subtle"
          color="gray"
          loading={models.isPending}
          rightSection={<ChevronDownIcon size={15} aria-hidden />}
          aria-label={value ? t`Model: ${value}` : t`No model`}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          onClick={() => combobox.toggleDropdown()}
        >
          {value || t`No model`}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          aria-label={t`Search models`}
          placeholder={t`Search models`}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") combobox.focusTarget();
          }}
        />
        <Combobox.Options className={classes.options} aria-label={t`Models`}>
          {shown.map((model) => (
            <Combobox.Option key={model.id} value={model.id} active={model.id === value}>
              <Text size="sm" fw={model.id === value ? 650 : 500} className={classes.name}>
                {model.id}
              </Text>
              <Text size="xs" className={classes.modelPrice}>
                {priceOf(model)}
              </Text>
            </Combobox.Option>
          ))}
          {shown.length === 0 && <Combobox.Empty>{t`No model is called so`}</Combobox.Empty>}
        </Combobox.Options>
        <Combobox.Footer>
          <Text size="xs" c="dimmed">
            {t`Prices are for a million tokens.`}
          </Text>
        </Combobox.Footer>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function priceOf({ pricing }: Model): string {
  return t`${{ inputUsdPer1m: formatUsd(pricing.input_usd_per_1m, { exact: true }) }} in, ${{ outputUsdPer1m: formatUsd(pricing.output_usd_per_1m, { exact: true }) }} out`;
}
