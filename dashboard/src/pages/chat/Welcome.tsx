import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { useWallet } from "@/data/wallet";
import { compareUsd } from "@/kit/money";
import { Logo } from "@/theme/Logo";
import { CHAT_KEY_NAME } from "./chatKey";
import classes from "./Welcome.module.css";

/** Before the first question. */
export function Welcome() {
  const wallet = useWallet();
  const isEmpty = wallet.data !== undefined && compareUsd(wallet.data.available_usd, "0") <= 0;
  return (
    <div className={classes.welcome}>
      <Logo size={44} />
      <Title order={2} size="1.375rem">
        {t`What would you like to ask?`}
      </Title>
      <Text c="dimmed" size="sm" maw="46ch">
        {isEmpty ? (
          <Trans>
            There is nothing in your wallet to pay an answer with.{" "}
            <Anchor component={Link} to="/billing" inherit underline="always">
              Top up
            </Anchor>{" "}
            first.
          </Trans>
        ) : (
          <Trans>
            Each answer says what it cost. It is paid from your balance, by a key named “{CHAT_KEY_NAME}” that
            is made with your first question.
          </Trans>
        )}
      </Text>
    </div>
  );
}
