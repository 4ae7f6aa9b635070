import { Button, Code, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { CircleDollarSignIcon, LockIcon, LockOpenIcon } from "lucide-react";
import { useParams } from "react-router";
import { CopyButton } from "@/kit/CopyButton";
import { confirm } from "@/kit/confirm";
import { formatMonth } from "@/kit/dates";
import { Loaded } from "@/kit/Loaded";
import { Money } from "@/kit/Money";
import { formatUsd } from "@/kit/money";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Tile, Tiles } from "@/kit/Tile";
import { When } from "@/kit/When";
import { Trail } from "../audit/Trail";
import { BackLink } from "../parts/BackLink";
import { Faint } from "../parts/Faint";
import { Notice } from "../parts/Notice";
import { CreditForm } from "./CreditForm";
import { UserKeys } from "./UserKeys";
import { UserLedger } from "./UserLedger";
import { Standing } from "./UserList";
import { UserPayments } from "./UserPayments";
import { UserTerms } from "./UserTerms";
import { UserUsage } from "./UserUsage";
import { useChangeUser } from "./useChangeUser";
import { type ManagedUser, useUser } from "./users";

/** One user: what they have, may do, did, and what operators changed. */
export function UserPage() {
  const { id = "" } = useParams();
  const user = useUser(id);
  return (
    <>
      <BackLink to="/admin/users">Users</BackLink>
      <Page
        title={user.data?.email ?? "User"}
        lead={user.data && <Lead user={user.data} />}
        actions={user.data && <Actions user={user.data} />}
      >
        <Loaded query={user}>{(found) => <Everything user={found} />}</Loaded>
      </Page>
    </>
  );
}

function Lead({ user }: { user: ManagedUser }) {
  return (
    <Group component="span" gap={8}>
      <Standing user={user} />
      {user.full_name !== null && <span>{user.full_name}</span>}
      <span>
        since <When at={user.created_at} />
      </span>
      <Group component="span" gap={2} wrap="nowrap">
        <Code>{user.id}</Code>
        <CopyButton value={user.id} what="user id" />
      </Group>
    </Group>
  );
}

function Actions({ user }: { user: ManagedUser }) {
  const [isCrediting, credit] = useDisclosure(false);
  const change = useChangeUser(user.id);
  const isSuspended = user.status === "suspended";
  const switchOver = async () => {
    const agreed = await confirm({
      title: isSuspended ? "Restore this account?" : "Suspend this account?",
      children: isSuspended
        ? `${user.email} can sign in and spend again within 5 seconds.`
        : `All requests of ${user.email} are refused everywhere within 5 seconds. The wallet stays as it is, and you can restore the account at any time.`,
      action: isSuspended ? "Restore account" : "Suspend account",
      danger: !isSuspended,
    });
    if (!agreed) return;
    try {
      await change.mutateAsync({ status: isSuspended ? "active" : "suspended" });
      notifyDone(isSuspended ? "The account is restored." : "The account is suspended.");
    } catch (error) {
      notifyProblem(error, isSuspended ? "The account was not restored" : "The account was not suspended");
    }
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={
          isSuspended ? <LockOpenIcon size={18} aria-hidden /> : <LockIcon size={18} aria-hidden />
        }
        loading={change.isPending}
        onClick={switchOver}
      >
        {isSuspended ? "Restore" : "Suspend"}
      </Button>
      <Button leftSection={<CircleDollarSignIcon size={18} aria-hidden />} onClick={credit.open}>
        Change balance
      </Button>
      <CreditForm user={user} opened={isCrediting} onClose={credit.close} />
    </>
  );
}

function Everything({ user }: { user: ManagedUser }) {
  const { budget } = user;
  return (
    <>
      {user.frozen && (
        <Notice tone="warn" title="A payment is disputed">
          Nothing more is spent from this wallet until the dispute is decided.
        </Notice>
      )}
      {user.debt_usd !== "0.00" && (
        <Notice tone="warn" title="This account is in debt">
          {formatUsd(user.debt_usd, { exact: true })} were taken back after they were spent. The next credit
          pays it first.
        </Notice>
      )}
      <Tiles>
        <Tile label="Balance" value={<Money usd={user.balance_usd} rounding="down" />} />
        <Tile
          label="Available"
          value={<Money usd={user.available_usd} rounding="down" />}
          note={
            <>
              <Money usd={user.reserved_usd} /> held by requests
            </>
          }
        />
        <Tile
          label={`Spent in ${formatMonth(budget.period)}`}
          value={<Money usd={budget.spent_usd} />}
          note={
            budget.limit_usd === null ? (
              "No budget set"
            ) : (
              <>
                of <Money usd={budget.limit_usd} />
              </>
            )
          }
        />
      </Tiles>
      <UserTerms user={user} />
      <UserUsage id={user.id} />
      <UserKeys id={user.id} />
      <UserPayments id={user.id} />
      <UserLedger id={user.id} />
      <Panel title="Changes by operators" flush>
        <Trail
          filter={{ target: `users/${user.id}` }}
          label="Changes of this user"
          empty={<Faint>Nobody has changed anything.</Faint>}
        />
      </Panel>
    </>
  );
}
