import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import { SearchField } from "../parts/SearchField";
import classes from "./UserFilters.module.css";
import { usePlanChoices } from "./users";
import type { Balance, Sort, State, UserView } from "./userView";

const STATES: { value: State; label: string }[] = [
  { value: "active", label: t`Active` },
  { value: "suspended", label: t`Suspended` },
  { value: "closed", label: t`Closed` },
  { value: "erased", label: t`Erased` },
];
const BALANCES: { value: Balance; label: string }[] = [
  { value: "none", label: t`Nothing left` },
  { value: "low", label: t`Less than $5` },
  { value: "some", label: t`Some left` },
  { value: "much", label: t`$100 and more` },
];
const SORTS: { value: Sort; label: string }[] = [
  { value: "email", label: t`By address` },
  { value: "newest", label: t`Newest first` },
  { value: "richest", label: t`Highest balance first` },
  { value: "poorest", label: t`Lowest balance first` },
];

interface Props {
  view: UserView;
  change: (changed: Partial<UserView>) => void;
}

/** What the list of users is narrowed to, and in what order it is. */
export function UserFilters({ view, change }: Props) {
  const plans = usePlanChoices();
  return (
    <div className={classes.filters}>
      <SearchField label={t`Name or address`} initial={view.q ?? ""} onSearch={(q) => change({ q })} />
      <Select
        aria-label={t`Status`}
        placeholder={t`Any status`}
        clearable
        data={STATES}
        value={view.status}
        onChange={(status) => change({ status })}
      />
      <Select
        aria-label={t`Plan`}
        placeholder={t`Any plan`}
        clearable
        data={plans}
        value={view.plan}
        onChange={(plan) => change({ plan })}
      />
      <Select
        aria-label={t`Balance`}
        placeholder={t`Any balance`}
        clearable
        data={BALANCES}
        value={view.balance}
        onChange={(balance) => change({ balance })}
      />
      <SearchField label={t`Tenant`} initial={view.tenant ?? ""} onSearch={(tenant) => change({ tenant })} />
      <Select
        aria-label={t`Order`}
        allowDeselect={false}
        data={SORTS}
        value={view.sort}
        onChange={(sort) => change({ sort: sort ?? "email" })}
      />
    </div>
  );
}
