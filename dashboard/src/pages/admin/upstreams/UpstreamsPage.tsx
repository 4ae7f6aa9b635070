import { Route, Routes } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { UpstreamList } from "./UpstreamList";
import { UpstreamPage } from "./UpstreamPage";

export default function UpstreamsPage() {
  return (
    <Routes>
      <Route index element={<UpstreamList />} />
      <Route path=":id" element={<UpstreamPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}
