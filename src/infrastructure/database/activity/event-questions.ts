import type { FailedLoop, FailingTool } from '../../../domain/activity/activity-service.js'
import type { Database } from '../database.js'

/** Which loops failed on issues touching a file? */
export async function failedLoops(
  database: Database,
  namespace: string,
  { path, since, limit }: { path: string; since?: Date; limit: number },
): Promise<FailedLoop[]> {
  const { tables, dialect } = database
  const { events } = tables
  const rows = await database.query<FailedLoopRow>(
    `with touching as (select distinct namespace as hop_namespace, issue_id as hop from ${events} where namespace = ? and path = ?),
     failures as (
       select name, issue_id, state, ts, count(*) over (partition by name, issue_id) as failures,
         row_number() over (partition by name, issue_id order by ts desc, id desc) as place
       from ${dialect.rowsOfHops('touching', events, 'issue_id')} where namespace = ? and ${dialect.unsought('kind')} = 'loop' and failed = 1${since ? ' and ts >= ?' : ''}
         and issue_id is not null and issue_id = hop)
     select name, issue_id, state, ts, failures from failures where place = 1 order by ts desc, name, issue_id limit ?`,
    [namespace, path, namespace, ...(since ? [since.getTime()] : []), limit],
  )
  return rows.map((row) => ({
    name: row.name,
    issueId: row.issue_id,
    failures: Number(row.failures),
    lastState: row.state,
    lastAt: new Date(Number(row.ts)),
  }))
}

interface FailedLoopRow {
  name: string
  issue_id: string
  state: string | null
  ts: number | string
  failures: number | string
}

/** Which tools fail most, and where? Counted by path first, so that each project can name its worst one. */
export async function failingTools(
  database: Database,
  namespace: string,
  { since, projectId, limit }: { since?: Date; projectId?: string; limit: number },
): Promise<FailingTool[]> {
  const isRecent = since ? ' and ts >= ?' : ''
  const isOfProject = projectId === undefined ? '' : ' and project_id = ?'
  const rows = await database.query<FailingToolRow>(
    `with by_path as (
       select name, project_id, path, count(*) as calls, sum(failed) as failures,
         max(case when failed = 1 then ts end) as failed_at
       from ${database.tables.events} where namespace = ? and kind = 'tool'${isRecent}${isOfProject}
       group by name, project_id, path),
     by_project as (
       select name, project_id, path, sum(calls) over project as calls, sum(failures) over project as failures,
         max(failed_at) over project as failed_at,
         row_number() over (partition by name, project_id
           order by failures desc, case when path is null then 1 else 0 end, coalesce(failed_at, 0) desc, path) as place
       from by_path window project as (partition by name, project_id))
     select name, project_id, path, calls, failures, failed_at from by_project where place = 1 and failures > 0
     order by failures desc, failed_at desc, name, coalesce(project_id, '') limit ?`,
    [namespace, ...(since ? [since.getTime()] : []), ...(projectId === undefined ? [] : [projectId]), limit],
  )
  return rows.map(toolFromRow)
}

interface FailingToolRow {
  name: string
  project_id: string | null
  path: string | null
  calls: number | string
  failures: number | string
  failed_at: number | string
}

function toolFromRow(row: FailingToolRow): FailingTool {
  const [calls, failures] = [Number(row.calls), Number(row.failures)]
  return {
    name: row.name,
    projectId: row.project_id,
    path: row.path,
    calls,
    failures,
    failureRate: failures / calls,
    lastFailureAt: new Date(Number(row.failed_at)),
  }
}
