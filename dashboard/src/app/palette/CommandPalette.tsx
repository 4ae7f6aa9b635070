import { t } from "@lingui/core/macro";
import "@mantine/spotlight/styles.css";
import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, type SpotlightActionGroupData, spotlight } from "@mantine/spotlight";
import {
  BuildingIcon,
  KeyRoundIcon,
  LogOutIcon,
  MoonIcon,
  PlusIcon,
  SearchIcon,
  ShieldCheckIcon,
  SunIcon,
  UserIcon,
  UserPlusIcon,
} from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { useMe } from "@/data/me";
import { useMay, useOrganisation, useOrganisations } from "@/data/organisations";
import { ROLE_NAMES } from "@/data/roles";
import { session } from "@/session/session";
import { ADMIN, MAIN, type NavigationItem } from "../navigation";
import { useSwitch } from "../useSwitch";
import classes from "./CommandPalette.module.css";
import { drawn } from "./drawn";
import { useFound } from "./useFound";

interface Props {
  /** Its field has the focus. */
  onReady: (field: HTMLInputElement) => void;
}

/** Every place and the common deeds, and models, keys, requests and users, found by typing. It opens as it loads, and by its key from then on. */
export default function CommandPalette({ onReady }: Props) {
  const [query, setQuery] = useState("");
  const groups = useGroups();
  const found = useFound(query);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => spotlight.open(), []);
  const ids = found.groups.flatMap(({ actions }) => actions.map(({ id }) => id)).join();
  // The first that fits is chosen as one types. Where all that fits comes later, so is the first of that.
  useEffect(() => {
    if (ids !== "" && document.querySelector("[data-action][data-selected]") === null)
      selectNext(field.current);
  }, [ids]);
  return (
    <Spotlight
      actions={[...groups, ...found.groups]}
      query={query}
      onQueryChange={setQuery}
      shortcut="mod + K"
      tagsToIgnore={[]}
      nothingFound={found.isLooking ? t`Looking …` : t`Nothing of that name`}
      highlightQuery
      scrollable
      centered={false} // what is found does not move while one types
      maxHeight="min(60vh, 26rem)"
      radius="lg"
      attributes={{ content: { "aria-label": t`Search` } }}
      classNames={{ actionBody: classes.body, actionsList: classes.list }}
      overlayProps={{ backgroundOpacity: 0.45, blur: 2 }}
      searchProps={{
        placeholder: t`A page, model, key or request, or what to do …`,
        "aria-label": t`Search pages, things and actions`,
        ref: field,
        onFocus: (event) => onReady(event.currentTarget),
        leftSection: <SearchIcon size={18} aria-hidden />,
      }}
    />
  );
}

/** Selecting has no call of its own, but a key. */
function selectNext(field: HTMLInputElement | null): void {
  field?.dispatchEvent(new KeyboardEvent("keydown", { code: "ArrowDown", bubbles: true }));
}

function useGroups(): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const may = useMay();
  const me = useMe();
  const here = useOrganisation();
  const all = useOrganisations().data ?? [];
  const switchTo = useSwitch();
  const { setColorScheme } = useMantineColorScheme();
  const go = (path: string) => () => void navigate(path);
  const toPage = ({ path, label, icon }: NavigationItem) => ({
    id: `page ${path}`,
    label,
    leftSection: drawn(icon),
    onClick: go(path),
  });
  const offered = MAIN.filter(({ right }) => right === undefined || may(right));
  const deeds = [
    { label: t`Create a key`, icon: KeyRoundIcon, onClick: go("/keys/new"), isOffered: may("keys.change") },
    {
      label: t`Add credit`,
      icon: PlusIcon,
      onClick: go("/billing"),
      isOffered: may("payments.make"),
      keywords: ["pay", t`top up`],
    },
    {
      label: t`Invite somebody`,
      icon: UserPlusIcon,
      onClick: go("/organisation"),
      isOffered: may("invitations.change"),
      keywords: ["member", "team"],
    },
    { label: t`Light colours`, icon: SunIcon, onClick: () => setColorScheme("light") },
    { label: t`Dark colours`, icon: MoonIcon, onClick: () => setColorScheme("dark") },
    { label: t`Sign out`, icon: LogOutIcon, onClick: () => void session.signOut() },
  ];
  return [
    {
      group: t`Go to`,
      actions: [
        ...offered.map(toPage),
        { id: "account", label: t`Account`, leftSection: drawn(UserIcon), onClick: go("/account") },
        {
          id: "security",
          label: t`Security`,
          description: t`Second factors, sessions, password`,
          leftSection: drawn(ShieldCheckIcon),
          onClick: go("/account/security"),
        },
      ],
    },
    ...(me.data?.is_admin ? [{ group: t`Admin`, actions: ADMIN.map(toPage) }] : []),
    {
      group: t`Do`,
      actions: deeds
        .filter(({ isOffered = true }) => isOffered)
        .map(({ label, icon, onClick, keywords }) => ({
          id: `do ${label}`,
          label,
          keywords,
          leftSection: drawn(icon),
          onClick,
        })),
    },
    ...(all.length > 1
      ? [
          {
            group: t`Switch to`,
            actions: all
              .filter(({ id }) => id !== here?.id)
              .map((each) => ({
                id: `switch ${each.id}`,
                label: each.name,
                description: each.is_personal ? t`Your own` : ROLE_NAMES[each.role],
                leftSection: drawn(BuildingIcon),
                onClick: () => switchTo(each),
              })),
          },
        ]
      : []),
  ];
}
