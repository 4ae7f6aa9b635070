import { t } from "@lingui/core/macro";
import { Button, Checkbox, Popover, Stack } from "@mantine/core";
import { Columns3Icon } from "lucide-react";
import { COLUMN_IDS, type ColumnId, USUAL_COLUMNS } from "./columnIds";
import { COLUMNS } from "./columns";

interface Props {
  columns: ColumnId[];
  /** `null`: the usual ones. */
  onChange: (columns: ColumnId[] | null) => void;
}

/** Which columns the log has. */
export function ColumnChoice({ columns, onChange }: Props) {
  return (
    <Popover position="bottom-end" withinPortal trapFocus shadow="md">
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<Columns3Icon size={15} aria-hidden />}>
          {t`Columns`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Columns of the log`}>
        <Stack gap="xs">
          {COLUMN_IDS.map((id) => (
            <Checkbox
              key={id}
              size="sm"
              label={COLUMNS[id].title}
              checked={columns.includes(id)}
              disabled={columns.length === 1 && columns.includes(id)}
              onChange={(event) => {
                const isWanted = event.currentTarget.checked;
                onChange(COLUMN_IDS.filter((each) => (each === id ? isWanted : columns.includes(each))));
              }}
            />
          ))}
          <Button
            variant="subtle"
            size="xs"
            onClick={() => onChange(null)}
            disabled={columns === USUAL_COLUMNS}
          >
            {t`The usual ones`}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
