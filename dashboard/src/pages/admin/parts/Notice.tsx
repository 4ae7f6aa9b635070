import { Alert } from "@mantine/core";
import { CircleCheckIcon, TriangleAlertIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./Notice.module.css";

interface Props {
  tone: "good" | "warn" | "bad";
  title: string;
  children: ReactNode;
}

/** What an operator is to know before anything else on the page. */
export function Notice({ tone, title, children }: Props) {
  return (
    <Alert
      title={title}
      icon={tone === "good" ? <CircleCheckIcon /> : <TriangleAlertIcon />}
      role={tone === "good" ? "status" : "alert"}
      classNames={{ root: classes[tone], title: classes.title, icon: classes.icon, message: classes.message }}
    >
      {children}
    </Alert>
  );
}
