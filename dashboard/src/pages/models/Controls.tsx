import { t } from "@lingui/core/macro";
import { Button, Drawer, Group, Select, Text, TextInput } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { SearchIcon, SlidersHorizontalIcon, XIcon } from "lucide-react";
import type { Model } from "@/data/models";
import { FilterFields } from "./FilterFields";
import { choicesFor, countOf, UNFILTERED, untold } from "./filters";
import classes from "./Models.module.css";
import { type ModelsView, SORTS, type Sort } from "./view";

interface Props {
  models: Model[];
  /** So many of them are shown. */
  shown: number;
  view: ModelsView;
  change: (changed: Partial<ModelsView>) => void;
}

/** So few are seen at a glance. */
const FEW = 5;

/** How models are found, narrowed and sorted. On a phone the filters are in a drawer. */
export function Controls({ models, shown, view, change }: Props) {
  const isNarrow = useMediaQuery("(max-width: 47.99em)", false, { getInitialValueInEffect: false });
  const [isOpen, { open, close }] = useDisclosure(false);
  const count = countOf(view);
  const offered = choicesFor(models, view);
  const isWorthIt = models.length > FEW || count > 0;
  const hasChoice = isWorthIt && Object.values(offered).some((choices) => choices.length > 0);
  const fields = hasChoice && (
    <FilterFields offered={offered} untold={untold(models)} filters={view} change={change} />
  );
  const clear = count > 0 && (
    <Button
      variant="subtle"
      color="gray"
      size="sm"
      px="xs"
      leftSection={<XIcon size={16} aria-hidden />}
      onClick={() => change(UNFILTERED)}
    >
      {t`Clear filters`}
    </Button>
  );
  return (
    <div className={classes.controls}>
      <Group gap="sm" align="flex-end" className={classes.find}>
        <TextInput
          type="search"
          label={t`Find a model`}
          placeholder={t`A part of its name`}
          leftSection={<SearchIcon size={16} aria-hidden />}
          value={view.search}
          maxLength={200}
          onChange={(event) => change({ search: event.currentTarget.value })}
        />
        <Select
          label={t`Sort by`}
          data={SORTS.map(({ value, label }) => ({ value, label }))}
          value={view.sort}
          onChange={(sort) => change({ sort: (sort ?? "name") as Sort })}
          allowDeselect={false}
        />
        {isNarrow && hasChoice && (
          <Button
            variant="default"
            leftSection={<SlidersHorizontalIcon size={16} aria-hidden />}
            onClick={open}
          >
            {count > 0 ? t`Filters (${count})` : t`Filters`}
          </Button>
        )}
        {clear}
      </Group>
      {isNarrow ? (
        <Drawer
          opened={isOpen}
          onClose={close}
          title={
            <Text span fw={650} fz="lg">
              {t`Filters`}
            </Text>
          }
          classNames={{ content: classes.drawer }}
          overlayProps={{ backgroundOpacity: 0.45, blur: 2 }}
          position="bottom"
          size="auto"
          closeButtonProps={{ "aria-label": t`Close` }}
        >
          {fields}
          <Group mt="lg" justify="space-between" wrap="nowrap">
            <Button onClick={close}>{t`Show ${{ count: shown }}`}</Button>
            {clear}
          </Group>
        </Drawer>
      ) : (
        fields
      )}
    </div>
  );
}
