/** Short messages and questions. Import from here, so that the CSS of these function APIs comes along. */
import { ApiProblem } from "@shared/api";
import { ElMessage } from "element-plus/es/components/message/index";
import { ElMessageBox } from "element-plus/es/components/message-box/index";
import "element-plus/es/components/message/style/css";
import "element-plus/es/components/message-box/style/css";
import { translate } from "./i18n";

export function ok(text: string): void {
  ElMessage({ type: "success", message: text, duration: 2000, grouping: true });
}

export function messageOf(error: unknown): string {
  if (error instanceof ApiProblem) {
    if (error.message) {
      const fields = error.fields.map((f) => `${f.path}：${f.message}`).join("；");
      return fields && !error.message.includes(error.fields[0]!.path)
        ? `${error.message}（${fields}）`
        : error.message;
    }
    if (error.status === 0) return translate("common.error.network");
    return translate("common.error.server", { status: error.status, id: error.requestId || "–" });
  }
  return error instanceof Error ? error.message : String(error);
}

/** Says what went wrong; silent for a request that the page itself gave up. */
export function fail(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (error instanceof ApiProblem && error.status === 401) return;
  ElMessage({ type: "error", message: messageOf(error), duration: 6000, showClose: true, grouping: true });
}

export async function sure(text: string, confirm?: string): Promise<boolean> {
  try {
    await ElMessageBox.confirm(text, translate("common.please_confirm"), {
      confirmButtonText: confirm ?? translate("common.confirm"),
      cancelButtonText: translate("common.cancel"),
      type: "warning",
      autofocus: true,
    });
    return true;
  } catch {
    return false;
  }
}
