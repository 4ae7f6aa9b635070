import { t } from "@lingui/core/macro";
import { Drawer } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useEffect } from "react";
import { useNavigate, useParams } from "react-router";
import { useMe } from "@/data/me";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import classes from "./ChatPage.module.css";
import { ConversationPane } from "./ConversationPane";
import { History } from "./History";

/** The paths below `/chat`: the id of a conversation, or nothing for a new one. */
export default function ChatPage() {
  const me = useMe();
  const { "*": id = "" } = useParams();
  const navigate = useNavigate();
  const isNarrow = useMediaQuery("(max-width: 61.99em)");
  const [isOpen, { open, close }] = useDisclosure(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: choosing a conversation closes the drawer
  useEffect(close, [id]);

  return (
    <Loaded query={me} loading={<Loading as="rows" />}>
      {({ id: uid }) => (
        <div className={classes.page}>
          {isNarrow ? (
            <Drawer
              opened={isOpen}
              onClose={close}
              title={t`Conversations`}
              size={320}
              closeButtonProps={{ "aria-label": t`Close conversations` }}
            >
              <History uid={uid} current={id} onChoose={close} />
            </Drawer>
          ) : (
            <aside className={classes.history} aria-label={t`Conversations`}>
              <History uid={uid} current={id} />
            </aside>
          )}
          <ConversationPane
            key={id}
            uid={uid}
            id={id === "" ? null : id}
            onBegun={(begun) => void navigate(`/chat/${begun}`)}
            onShowHistory={isNarrow ? open : undefined}
          />
        </div>
      )}
    </Loaded>
  );
}
