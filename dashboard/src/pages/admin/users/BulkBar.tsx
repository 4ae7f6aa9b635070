import { t } from "@lingui/core/macro";
import { Button, Group, Text } from "@mantine/core";
import { CircleDollarSignIcon, LockIcon, LockOpenIcon } from "lucide-react";
import { useState } from "react";
import { formatCount } from "@/kit/numbers";
import classes from "./BulkBar.module.css";
import { BulkDialog, type Deed } from "./BulkDialog";
import type { ManagedUser } from "./users";

interface Props {
  chosen: ManagedUser[];
  /** The rows of the table. */
  shown: ManagedUser[];
  onChoose: (users: ManagedUser[]) => void;
}

/** What can be done with the users that are chosen. */
export function BulkBar({ chosen, shown, onChoose }: Props) {
  const [deed, setDeed] = useState<Deed | null>(null);
  if (shown.length === 0 && chosen.length === 0) return null;
  const ids = new Set(chosen.map(({ id }) => id));
  const isAll = chosen.length > 0 && shown.every(({ id }) => ids.has(id));
  return (
    <Group className={classes.bar} gap="xs">
      <Button size="xs" variant="default" onClick={() => onChoose(isAll ? [] : shown)}>
        {isAll ? t`Choose none` : t`Choose all shown`}
      </Button>
      {chosen.length > 0 && (
        <>
          <Text size="sm" role="status">
            {t`${{ count: formatCount(chosen.length) }} chosen`}
          </Text>
          <Button
            size="xs"
            variant="default"
            leftSection={<LockIcon size={15} aria-hidden />}
            onClick={() => setDeed("suspend")}
          >
            {t`Suspend`}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<LockOpenIcon size={15} aria-hidden />}
            onClick={() => setDeed("restore")}
          >
            {t`Restore`}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<CircleDollarSignIcon size={15} aria-hidden />}
            onClick={() => setDeed("credit")}
          >
            {t`Give credit`}
          </Button>
        </>
      )}
      <BulkDialog
        deed={deed}
        users={chosen}
        onClose={(isDone) => {
          setDeed(null);
          if (isDone) onChoose([]);
        }}
      />
    </Group>
  );
}
