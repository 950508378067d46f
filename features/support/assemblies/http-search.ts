import { type SearchOptions, type SearchPage, SearchService } from '../../../src/index.js'
import { HttpClient } from './http-client.js'

/** Search as the HTTP service offers it. */
export class HttpSearch extends SearchService {
  private readonly http: HttpClient

  constructor(url: string, namespace: string) {
    super()
    this.http = new HttpClient(url, namespace)
  }

  search(q: string, { kinds, ...options }: SearchOptions = {}): Promise<SearchPage> {
    return this.http.send('GET', '/v1/search', { query: { q, kind: kinds, ...options } })
  }
}
