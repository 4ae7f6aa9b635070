import { t } from "@lingui/core/macro";
import { Avatar, Menu, Skeleton, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { CheckIcon, ChevronsUpDownIcon, PlusIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import {
  type Organisation,
  useOrganisation,
  useOrganisationId,
  useOrganisations,
} from "@/data/organisations";
import { ROLE_NAMES } from "@/data/roles";
import { notifyDone } from "@/kit/notify";
import { Unspaced } from "@/kit/Unspaced";
import { organisation } from "@/session/organisation";
import classes from "./OrganisationSwitcher.module.css";
import { useSwitch } from "./useSwitch";

const CreateOrganisation = lazy(() => import("./CreateOrganisation")); // no part of the first load

/** Which organisation the dashboard shows, and the way to another. */
export function OrganisationSwitcher() {
  const all = useOrganisations();
  const id = useOrganisationId();
  const here = useOrganisation();
  const switchTo = useSwitch();
  const [isCreating, setCreating] = useState(false);
  const isGone = all.isSuccess && id !== null && here === undefined;

  useEffect(() => {
    if (!isGone) return;
    organisation.choose(null);
    notifyDone(t`You do not belong to that organisation any more. This is your own account.`);
  }, [isGone]);

  if (here === undefined) return <Skeleton h={48} mx="sm" w="auto" />;
  return (
    <div className={classes.place}>
      <Menu position="bottom-start" width="target" withinPortal>
        <Menu.Target>
          <UnstyledButton className={classes.button}>
            <VisuallyHidden>{t`Organisation:`}</VisuallyHidden>
            <Face of={here} />
            <span className={classes.words}>
              <Text span size="sm" fw={600} className={classes.name}>
                <Unspaced text={here.name} />
              </Text>
              <Text span size="xs" c="dimmed" className={classes.name}>
                {noteOf(here)}
              </Text>
            </span>
            <ChevronsUpDownIcon size={15} aria-hidden className={classes.sign} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown className={classes.list}>
          {all.data?.map((each) => (
            <Menu.Item
              key={each.id}
              onClick={() => switchTo(each)}
              leftSection={<Face of={each} />}
              rightSection={each.id === here.id && <CheckIcon size={16} aria-hidden />}
              aria-current={each.id === here.id || undefined}
            >
              <Text span size="sm" className={classes.name}>
                <Unspaced text={each.name} />
              </Text>
              <Text span size="xs" c="dimmed" className={classes.name}>
                {noteOf(each)}
              </Text>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<PlusIcon size={16} aria-hidden />} onClick={() => setCreating(true)}>
            {t`New organisation`}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isCreating && (
        <Suspense>
          <CreateOrganisation opened onClose={() => setCreating(false)} onMade={switchTo} />
        </Suspense>
      )}
    </div>
  );
}

function Face({ of }: { of: Organisation }) {
  return (
    <Avatar
      aria-hidden
      size={30}
      radius={of.is_personal ? "xl" : "md"}
      color={of.is_personal ? "fare" : "brass"}
      variant="light"
    >
      {of.name.charAt(0).toUpperCase()}
    </Avatar>
  );
}

function noteOf({ is_personal, status, role }: Organisation): string {
  if (status === "suspended") return t`Suspended`;
  return is_personal ? t`Your own` : ROLE_NAMES[role];
}
