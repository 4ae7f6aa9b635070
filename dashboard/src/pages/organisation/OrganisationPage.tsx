import { t } from "@lingui/core/macro";
import { Tabs } from "@mantine/core";
import { useNavigate, useParams } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { type Right, useMay, useOrganisation } from "@/data/organisations";
import { Page } from "@/kit/Page";
import { AuditTrail } from "./AuditTrail";
import { Invitations } from "./Invitations";
import { Members } from "./Members";
import classes from "./OrganisationPage.module.css";
import { Projects } from "./Projects";
import { ServiceAccounts } from "./ServiceAccounts";
import { Settings } from "./Settings";

const TABS: { value: string; label: string; right: Right }[] = [
  { value: "members", label: t`Members`, right: "members.read" },
  { value: "projects", label: t`Projects`, right: "projects.read" },
  { value: "service-accounts", label: t`Service accounts`, right: "service_accounts.read" },
  { value: "audit", label: t`Audit trail`, right: "audit.read" },
  { value: "settings", label: t`Settings`, right: "org.read" },
];

/** The paths below `/organisation`: the tab, which is the first that one may see where none is named. */
export default function OrganisationPage() {
  const here = useOrganisation();
  const may = useMay();
  const navigate = useNavigate();
  const { "*": path = "" } = useParams();
  const offered = TABS.filter(({ right }) => may(right));
  const first = offered[0]?.value;
  const tab = path || first;
  if (tab === undefined || !offered.some(({ value }) => value === tab)) return <NotFoundPage />;
  return (
    <Page
      title={t`Organisation`}
      lead={
        here === undefined || here.is_personal
          ? t`Your own account is an organisation of one. Others may work in it, too; for a team, make one of its own.`
          : t`${{ here: here.name }} has a balance, keys and limits of its own, which its members share.`
      }
    >
      <Tabs
        value={tab}
        onChange={(value) => void navigate(value === first ? "/organisation" : `/organisation/${value}`)}
        keepMounted={false}
      >
        <Tabs.List className={classes.tabs}>
          {offered.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="members" className={classes.panel}>
          <Members />
          {may("invitations.read") && <Invitations />}
        </Tabs.Panel>
        <Tabs.Panel value="projects" className={classes.panel}>
          <Projects />
        </Tabs.Panel>
        <Tabs.Panel value="service-accounts" className={classes.panel}>
          <ServiceAccounts />
        </Tabs.Panel>
        <Tabs.Panel value="audit" className={classes.panel}>
          <AuditTrail />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={classes.panel}>
          {here !== undefined && <Settings here={here} />}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
