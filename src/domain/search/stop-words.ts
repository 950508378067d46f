import { tokens } from './search-text.js'

// Short on purpose: a word that is left out too much hides what a question is about. Words that mean something
// in another of these languages, such as German `die`, French `on` or Spanish `sin`, are weighed as English.
const english = `a an the this that these those i you he she it we they me him her us them my your his its our their
  am is are was were be been being do does did done has have had having will would shall should can could may might must
  and or but if then than so not no of to in on at by for from with about as into over after before between
  there here please tell show find give get let any some all just also
  what which who whom whose when where why how what's who's where's how's that's it's there's let's i'm i've i'd i'll
  you're you've you'll we're we've we'll they're don't doesn't didn't isn't aren't wasn't weren't can't couldn't
  won't wouldn't shouldn't haven't hasn't hadn't`
const german = `der die das den dem des ein eine einen einem einer eines ich du er sie es wir ihr mich mir dich dir uns
  und oder aber ist sind war waren sein hat haben hatte wird werden wurde kann können nicht kein keine
  in im am an auf aus bei mit nach von vom zu zum zur für über um als auch
  was wer wen wem wessen wann wo woher wohin warum wieso weshalb wie welche welcher welches`
const french = `le la les un une des du de et ou mais je tu il elle nous vous ils elles ce cet cette ces mon ma mes son sa ses
  est sont était être a ai as avons avez ont ne pas dans en sur sous par pour avec sans au aux se
  que qui quoi quand où pourquoi comment combien quel quelle quels quelles c'est qu'est est-ce`
const spanish = `el la los las un una unos unas del al de y o pero yo tú él ella nosotros ellos ellas este esta esto ese esa eso
  es son era ser está están fue ha han hay no en con por para se su sus mi lo le
  que qué quien quién cuando cuándo donde dónde por qué como cómo cuanto cuánto cual cuál cuáles`

/**
 * Words of English, German, French and Spanish that a question has and its answer need not: articles, pronouns,
 * auxiliaries, prepositions and question words. Folded, a contraction as the two tokens that it gives: `don t`.
 */
export const stopWords: ReadonlySet<string> = new Set(
  `${english} ${german} ${french} ${spanish}`.split(/\s+/).map((word) => tokens(word).join(' ')),
)
